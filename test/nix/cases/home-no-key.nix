# home
# hasnot: bin/nerva-ui
{
  programs.nerva = {
    enable = true;
    systemd.enable = false;
    keybinding.enable = false;
  };
  wayland.windowManager.hyprland.enable = true;
}
