# home
# toml: [keybindings]\ntoggle = "CTRL+ALT+Return"
{
  programs.nerva = {
    enable = true;
    keybinding.key = "CTRL+ALT+Return";
  };
}
