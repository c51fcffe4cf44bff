# home
# has: hl.bind(\"CTRL + ALT + Return\"
# has: bindsym --no-warn Ctrl+Mod1+Return exec /nix/store/
{
  programs.nerva = {
    enable = true;
    keybinding = {
      key = "CTRL+ALT+Return";
    };
  };
  wayland.windowManager = {
    hyprland.enable = true;
    sway = {
      enable = true;
      config.modifier = "Mod4";
    };
  };
}
