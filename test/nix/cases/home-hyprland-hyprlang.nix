# home
# has: bind = SUPER, SPACE, exec, /nix/store/
# hasnot: hl.bind
{
  programs.nerva.enable = true;
  wayland.windowManager.hyprland = {
    enable = true;
    configType = "hyprlang";
    settings.bind = [ "SUPER, RETURN, exec, kitty" ];
  };
}
