# home
# has: bindsym --no-warn Mod4+space exec /nix/store/
# has: include mine
{
  programs.nerva.enable = true;
  wayland.windowManager.sway = {
    enable = true;
    config = null;
    extraConfig = "include mine";
  };
}
