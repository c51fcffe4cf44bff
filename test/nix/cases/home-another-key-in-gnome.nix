# home
# print: builtins.mapAttrs (_: builtins.mapAttrs (_: toString)) c.dconf.settings
# has: "binding":"<Control><Alt>Return"
{
  programs.nerva = {
    enable = true;
    keybinding = {
      key = "CTRL+ALT+Return";
      gnome = true;
    };
  };
}
