# home
# hasnot: nerva/config.toml
# has: configures no compositor that it could bind SUPER+SPACE in
# has: "WantedBy":["graphical-session.target"]
# has: "WantedBy":["default.target"]
# has: "Restart":"always","RestartSec":2
{
  programs.nerva.enable = true;
}
