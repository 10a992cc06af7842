# home
home-hello = Здравствуйте, { $name }.
