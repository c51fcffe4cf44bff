# home
# has: hl.bind(\"SUPER + SPACE\", hl.dsp.exec_cmd(\"
# has: require(\"nerva\")
# hasnot: bind = SUPER, SPACE
{
  programs.nerva.enable = true;
  wayland.windowManager.hyprland.enable = true;
}
