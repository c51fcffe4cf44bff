# home
# print: c.programs.plasma.hotkeys.commands
# has: "nerva":{"command":"/nix/store/
# has: "key":"Meta+Space"
{ lib, ... }:
{
  # The options of plasma-manager, as far as nerva sets them.
  options.programs.plasma = {
    enable = lib.mkEnableOption "";
    hotkeys.commands = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submodule {
          options = lib.genAttrs [ "name" "key" "command" ] (_: lib.mkOption { type = lib.types.str; });
        }
      );
    };
  };
  config = {
    programs.nerva.enable = true;
    programs.plasma.enable = true;
  };
}
