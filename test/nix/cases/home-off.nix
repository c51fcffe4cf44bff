# home
# hasnot: nerva-ui
{
  programs.nerva.llm.provider = "ollama";
  wayland.windowManager.hyprland.enable = true;
}
