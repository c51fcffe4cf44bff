# home
# refused: programs\.nerva\.keybinding\.key.*key with modifiers, such as SUPER\+SPACE
{
  programs.nerva = {
    enable = true;
    keybinding.key = "Windows+Space";
  };
  wayland.windowManager.hyprland.enable = true;
}
