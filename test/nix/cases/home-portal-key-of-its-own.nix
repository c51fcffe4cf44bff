# home
# toml: [keybindings]\ntoggle = "ALT+SPACE"
{
  programs.nerva = {
    enable = true;
    keybinding = {
      enable = false;
      portal = "ALT+SPACE";
    };
  };
}
