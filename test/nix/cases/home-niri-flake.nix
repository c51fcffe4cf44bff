# home
# print: c.programs.niri.settings.binds
# has: "Super+Space":{"action":{"spawn":["/nix/store/
{ lib, ... }:
{
  # The options of niri's own flake, as far as nerva sets them.
  options.programs.niri = {
    enable = lib.mkEnableOption "";
    settings = lib.mkOption { type = lib.types.anything; };
  };
  config = {
    programs.nerva.enable = true;
    programs.niri.enable = true;
  };
}
