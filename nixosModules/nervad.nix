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
  unit = import ../nix/unit.nix lib {
    inherit (cfg) package;
    file = ../assets/systemd/nervad.service;
  };
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

    systemd.user.services.nervad = {
      description = unit.Unit.Description;
      documentation = unit.Unit.Documentation;
      # The bus starts it by this unit, so it is there even if nothing starts by itself.
      wantedBy = mkIf cfg.nervad.enable unit.Install.WantedBy;
      unitConfig.ConditionUser = nerva.servedUsers cfg.users;
      serviceConfig = lib.mapAttrs (_: mkDefault) unit.Service;
      # NixOS would give the service a PATH of its own, and with it all that nervad launches.
      enableDefaultPath = false;
      # Not a restart, which would end what it is doing.
      reloadTriggers = lib.optional (
        cfg.settings != { }
      ) config.environment.etc."xdg/nerva/config.toml".source;
    };
  };
}
