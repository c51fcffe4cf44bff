# home
# has: hl.bind(\"SUPER + SPACE\", hl.dsp.exec_cmd(\"
# has: hl.bind(\"SUPER + RETURN\"
{ lib, ... }:
{
  programs.nerva.enable = true;
  wayland.windowManager.hyprland = {
    enable = true;
    settings.bind = [
      {
        _args = [
          "SUPER + RETURN"
          (lib.generators.mkLuaInline "hl.dsp.exec_cmd(\"kitty\")")
        ];
      }
    ];
  };
}
