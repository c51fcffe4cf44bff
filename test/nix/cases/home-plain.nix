# home
# hasnot: nerva/config.toml
# has: "WantedBy":["graphical-session.target"]
# has: "WantedBy":["default.target"]
# has: "Restart":"always","RestartSec":3
{
  programs.nerva.enable = true;
}
