# Backups: asked for, made, where they lie.
backup-asked = <b>Резервная копия создаётся</b>
backup-asked-next = Когда она будет готова, она появится в группе администраторов.
backup-newest = Предыдущая: { $moment }
backup-made = <b>Резервная копия магазина</b>
backup-made-next = Файл зашифрован ключом SECRET_KEY магазина. Чтобы вернуть его в пустую базу: souk restore FILE
backup-taken = Время: { $moment }
backup-size = Размер: { $size } МБ
backup-lies = Файл лежит здесь: { $path }
backup-lies-large = Для Telegram файл слишком велик. Он лежит здесь: { $path }
backup-lies-refused = Telegram не принял файл. Он лежит здесь: { $path }
