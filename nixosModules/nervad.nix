# The daemon: a service of every user's systemd, and what its bus is.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib)
    mkDefault
    mkIf
    mkOption
    types
    ;
  cfg = config.services.nerva;
  nerva = import ../nix/lib.nix { inherit lib pkgs; };
in
{
  imports = [ ./options.nix ];

  options.services.nerva.nervad.enable = mkOption {
    type = types.bool;
    default = true;
    example = false;
    description = "Whether the daemon is started at login, as the user service `nervad`.";
  };

  config = mkIf cfg.enable {
    services.dbus = {
      enable = mkDefault true;
      packages = [ cfg.package ];
    };

    systemd.user.services.nervad =
      nerva.systemUnit {
        inherit (cfg) package users;
        file = ../assets/systemd/nervad.service;
        starts = cfg.nervad.enable;
      }
      // {
        # Not a restart, which would end what it is doing.
        reloadTriggers = lib.optional (
          cfg.settings != { }
        ) config.environment.etc."xdg/nerva/config.toml".source;
      };
  };
}
