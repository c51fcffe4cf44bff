# home
# print: builtins.mapAttrs (_: builtins.mapAttrs (_: toString)) c.dconf.settings
# has: "binding":"<Super>space"
# has: "custom-keybindings":"@as ['/org/gnome/settings-daemon/plugins/media-keys/custom-keybindings/nerva/']"
{
  programs.nerva = {
    enable = true;
    keybinding.gnome = true;
  };
}
