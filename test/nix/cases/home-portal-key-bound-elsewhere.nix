# home
# print: c.programs.nerva.settings
# has: "keybindings":{"toggle":""}
{
  programs.nerva = {
    enable = true;
    keybinding.gnome = true;
  };
}
