# home
home-hello = Hello, { $name }.
