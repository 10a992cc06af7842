# home
home-hello = سلام { $name }.
