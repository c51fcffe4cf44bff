# The key that opens the overlay, in whichever compositor Home Manager configures.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (lib) mkIf mkOption types;
  cfg = config.programs.nerva.keybinding;
  nerva = import ../nix/lib.nix { inherit lib pkgs; };
  command = "${config.programs.nerva.package}/bin/nerva-ui";

  parts = lib.splitString "+" cfg.key;
  modifiers = lib.init parts;
  key = lib.last parts;

  # What each configuration calls the modifiers.
  named = names: map (modifier: names.${modifier} or modifier) modifiers;
  # GNOME minds capitals: it is space, and Return.
  xkbKey = if lib.toLower key == "space" then "space" else key;
  join = separator: names: lib.concatStringsSep separator (named names ++ [ xkbKey ]);
  hyprMods = lib.concatStringsSep " " modifiers;
  sway = join "+" {
    SUPER = "Mod4";
    ALT = "Mod1";
    CTRL = "Ctrl";
    SHIFT = "Shift";
  };
  titled = lib.concatMapStringsSep "+" (
    word: lib.toUpper (builtins.substring 0 1 word) + lib.toLower (builtins.substring 1 (-1) word)
  );
  niriKey = titled parts;
  plasma = titled (named { SUPER = "Meta"; } ++ [ key ]);
  gnome =
    lib.concatMapStrings (modifier: "<${titled [ modifier ]}>") (named {
      CTRL = "Control";
    })
    + xkbKey;

  part =
    default: description:
    mkOption {
      type = types.bool;
      inherit default description;
      example = !default;
    };

  hyprland = config.wayland.windowManager.hyprland;
  # Hyprland is configured in Lua since 0.55; Home Manager before 26.05 knows only the old language.
  hasLua = options ? wayland.windowManager.hyprland.configType;
  isLua = hasLua && hyprland.configType == "lua";
  hasNiriHome = options ? wayland.windowManager.niri;
  hasNiriFlake = options ? programs.niri.settings;
  hasPlasma = options ? programs.plasma;

  # Which of them get the binding.
  bound = [
    (cfg.hyprland && hyprland.enable)
    (cfg.sway && config.wayland.windowManager.sway.enable)
    (cfg.niri && (config.wayland.windowManager.niri.enable or false))
    (cfg.niri && (config.programs.niri.enable or false))
    (cfg.plasma && (config.programs.plasma.enable or false))
    cfg.gnome
  ];

  # What the overlay asks the desktop's portal for: nothing where another binding of this key would be a second one.
  elsewhere = !cfg.enable || cfg.gnome || (cfg.plasma && (config.programs.plasma.enable or false));
  portal =
    if cfg.portal != null then
      cfg.portal
    else if elsewhere then
      ""
    else if cfg.key != options.programs.nerva.keybinding.key.default then
      cfg.key
    else
      null;

  chord = "((SUPER|CTRL|ALT|SHIFT)[+])*[A-Za-z0-9_]+";

  gnomePath = "org/gnome/settings-daemon/plugins/media-keys/custom-keybindings/nerva";
in
{
  imports = [ ./options.nix ];

  options.programs.nerva.keybinding = {
    enable = part true "Whether a key opens the overlay, in every compositor below that Home Manager configures.";
    key = mkOption {
      type = types.strMatching chord // {
        description = "key with modifiers, such as SUPER+SPACE; the modifiers are SUPER, CTRL, ALT and SHIFT";
      };
      default = "SUPER+SPACE";
      example = "ALT+SPACE";
      description = "The key, by its name in xkb, after its modifiers.";
    };
    hyprland = part true "Whether Hyprland gets the binding, in Lua or in hyprlang as {option}`wayland.windowManager.hyprland.configType` says.";
    sway = part true "Whether sway gets the binding, at the end of its configuration. It takes the place of another binding of the same key.";
    niri = part true "Whether niri gets the binding, configured by Home Manager, or by niri's flake with {option}`programs.niri.enable`.";
    plasma = part true "Whether KDE Plasma gets the binding, where plasma-manager is imported.";
    gnome = part false ''
      Whether GNOME gets the binding. It is off because the list of custom bindings is one value: this replaces those
      that were made in GNOME's settings. Its own SUPER+SPACE switches the input source.
    '';
    portal = nerva.mkSetting {
      key = "keybindings.toggle";
      type = types.strMatching "(${chord})?" // {
        description = "key with modifiers, such as SUPER+SPACE, or the empty text";
      };
      example = "";
      description = ''
        The key that the overlay asks the desktop's portal for, where that binds keys (KDE, GNOME): `""` is none. It is none
        as well where the options here bind one in Plasma or GNOME, or bind none at all.
      '';
    };
  };

  config = lib.mkMerge [
    (mkIf (config.programs.nerva.enable && portal != null) {
      programs.nerva.settings.keybindings.toggle = portal;
    })
    (mkIf (config.programs.nerva.enable && cfg.enable) (
      lib.mkMerge [
        (mkIf (cfg.hyprland && hyprland.enable) {
          wayland.windowManager.hyprland = {
            extraConfig = mkIf (!isLua) ''
              bind = ${hyprMods}, ${key}, exec, ${command}
            '';
          }
          // lib.optionalAttrs hasLua {
            extraLuaFiles.nerva = mkIf isLua ''
              hl.bind("${lib.concatStringsSep " + " parts}", hl.dsp.exec_cmd("${command}"))
            '';
          };
        })
        (mkIf (cfg.sway && config.wayland.windowManager.sway.enable) {
          # Not among config.keybindings: a list of the user's own there would drop it, and it may be no list at all.
          wayland.windowManager.sway.extraConfig = ''
            bindsym --no-warn ${sway} exec ${command}
          '';
        })
        (lib.optionalAttrs hasNiriHome (
          mkIf (cfg.niri && config.wayland.windowManager.niri.enable) {
            wayland.windowManager.niri.settings.binds.${niriKey}.spawn = lib.mkDefault [ command ];
            # Where there is such a file niri's own bindings are not in force.
            warnings =
              let
                inherit (config.wayland.windowManager) niri;
                others = removeAttrs niri.settings.binds [ niriKey ] != { } || niri.extraConfig or "" != "";
              in
              lib.optional (!others) ''
                programs.nerva.keybinding.niri makes a configuration of niri with no binding but nerva's, and niri's defaults
                are then not in force; give wayland.windowManager.niri.settings.binds your own, or set
                programs.nerva.keybinding.niri = false.'';
          }
        ))
        (lib.optionalAttrs hasNiriFlake (
          mkIf (cfg.niri && config.programs.niri.enable or false) {
            programs.niri.settings.binds.${niriKey}.action.spawn = lib.mkDefault [ command ];
          }
        ))
        (lib.optionalAttrs hasPlasma (
          mkIf (cfg.plasma && config.programs.plasma.enable) {
            programs.plasma.hotkeys.commands.nerva = {
              name = "nerva";
              key = plasma;
              inherit command;
            };
          }
        ))
        (mkIf (!lib.any lib.id bound) {
          warnings = [
            ''
              programs.nerva: Home Manager configures no compositor that it could bind ${cfg.key} in; bind a key to nerva-ui
              yourself (docs/shortcut.md has the line for each), and set programs.nerva.keybinding.enable = false.''
          ];
        })
        (mkIf cfg.gnome {
          dconf.settings = {
            "org/gnome/settings-daemon/plugins/media-keys".custom-keybindings = [ "/${gnomePath}/" ];
            ${gnomePath} = {
              name = "nerva";
              binding = gnome;
              inherit command;
            };
          };
        })
      ]
    ))
  ];
}
