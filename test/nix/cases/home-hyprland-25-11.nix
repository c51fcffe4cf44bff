# home
# has: bind = SUPER, SPACE, exec, /nix/store/
{
  home.stateVersion = "25.11";
  programs.nerva.enable = true;
  wayland.windowManager.hyprland.enable = true;
}
