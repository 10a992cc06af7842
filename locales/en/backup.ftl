# Backups: asked for, made, where they lie.
backup-asked = <b>A backup is being made</b>
backup-asked-next = It is posted in the admin group when it is ready.
backup-newest = The one before: { $moment }
backup-made = <b>Backup of the shop</b>
backup-made-next = It is sealed with the shop’s SECRET_KEY. To put it into an empty database: souk restore FILE
backup-taken = Taken: { $moment }
backup-size = Size: { $size } MB
backup-lies = It lies at { $path }
backup-lies-large = It is too large for Telegram. It lies at { $path }
backup-lies-refused = Telegram did not take the file. It lies at { $path }
