# home
# has: "xdg-desktop-portal-gtk"
# has: "xdg-desktop-portal-hyprland"
{
  programs.nerva.enable = true;
  wayland.windowManager.hyprland.enable = true;
}
