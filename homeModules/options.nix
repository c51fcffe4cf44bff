# The program, its services and its configuration; the other files here import it, so that each works alone.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkIf mkOption types;
  cfg = config.programs.nerva;
  nerva = import ../nix/lib.nix { inherit lib pkgs; };
  inherit (nerva) mkSetting;

  decision = types.enum [
    "allow"
    "ask"
    "deny"
  ];
  tier =
    name: type:
    mkSetting {
      key = "policy.${name}";
      inherit type;
      example = "ask";
      description = "What becomes of a call whose risk is ${name}, where no rule decides.";
    };

  example = types.submodule {
    options = {
      input = nerva.mkRequired {
        type = types.attrsOf nerva.toml.type;
        example = {
          path = "~/Documents/letter.odt";
        };
        description = "The arguments of a call. Key: `policy.rule.example.input`.";
      };
      expect = nerva.mkRequired {
        type = decision;
        example = "allow";
        description = "What should become of it. Key: `policy.rule.example.expect`.";
      };
    };
  };

  plugin = types.submodule {
    options = {
      source = nerva.mkRequired {
        type = types.path;
        example = lib.literalExpression "./weather";
        description = "The folder of the plugin.";
      };
      risk = mkOption {
        type = types.nullOr (
          types.enum [
            "safe"
            "caution"
            "dangerous"
          ]
        );
        default = null;
        example = "caution";
        description = "Its tier; with `null` it is dangerous. Key: `plugins.NAME.risk`.";
      };
      network = mkOption {
        type = types.bool;
        default = false;
        example = true;
        description = "Whether its sandbox has the network. Key: `plugins.NAME.network`.";
      };
      write = mkOption {
        type = types.listOf nerva.userPath;
        default = [ ];
        example = [ "~/.cache/weather" ];
        description = "The folders that it may change. Key: `plugins.NAME.write`.";
      };
    };
  };

  share =
    kind:
    mkSetting {
      key = "llm.share.${kind}";
      type = decision;
      example = "deny";
      description = "Whether a model outside of this machine may be shown what skills return of the kind ${kind}, one of `llm.share`.";
    };

  rule = types.submodule {
    options = {
      name = nerva.mkRequired {
        type = types.str;
        example = "my documents";
        description = "What the log names as the origin of the decision. Key: `policy.rule.name`.";
      };
      skill = nerva.mkRequired {
        type = types.str;
        example = "open_path";
        description = "The skill, as `nerva skills` lists it. Key: `policy.rule.skill`.";
      };
      match = mkOption {
        type = types.attrsOf nerva.toml.type;
        default = { };
        example = {
          path = "~/Documents/**";
        };
        description = ''
          A pattern for some of the skill's arguments; all of them must fit. In a text `*` is anything without a slash,
          `**` anything and `{a,b}` either; the last `"**"` of a list takes the rest. Key: `policy.rule.match`.
        '';
      };
      decision = nerva.mkRequired {
        type = decision;
        example = "allow";
        description = "Deny wins over ask, and ask over allow, wherever they stand. Key: `policy.rule.decision`.";
      };
      examples = mkOption {
        type = types.listOf example;
        default = [ ];
        example = lib.literalExpression ''[ { input.path = "~/Documents/letter.odt"; expect = "allow"; } ]'';
        description = "Tests of the rule; one that does not hold ends the build. Key: `policy.rule.example`.";
      };
    };
  };

  step = types.submodule {
    options = {
      skill = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "notify";
        description = "The skill to call. Key: `workflow.steps.skill`.";
      };
      input = mkOption {
        type = types.attrsOf nerva.toml.type;
        default = { };
        example = {
          title = "Stand-up";
          body = "in five minutes";
        };
        description = "The input of the skill; the texts in it are templates. Key: `workflow.steps.input`.";
      };
      ask = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "What did I do yesterday?";
        description = "A question to the agent, instead of a skill; a template. Key: `workflow.steps.ask`.";
      };
    };
  };

  timer = types.submodule {
    options = {
      every = nerva.mkRequired {
        type = types.str;
        example = "weekday 10:00";
        description = ''
          When it rings: `hour`, `20 minutes`, `day 9:00`, `weekday 10:00`, `monday and thursday at 9`, or the five fields of
          cron. Key: `timer.every`.
        '';
      };
      text = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "Stand up and stretch";
        description = "What the notification says; by itself the name. Key: `timer.text`.";
      };
    };
  };

  param = types.submodule {
    options = {
      name = nerva.mkRequired {
        type = types.strMatching "[a-z][a-z0-9_]{0,30}";
        example = "city";
        description = "The name of the parameter, a field of the templates. Key: `workflow.params.name`.";
      };
      default = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "Ulm";
        description = "The text where none is given; by itself one must be given. Key: `workflow.params.default`.";
      };
    };
  };

  workflow = types.submodule {
    options = {
      params = mkOption {
        type = types.listOf param;
        default = [ ];
        example = lib.literalExpression ''[ { name = "city"; default = "Ulm"; } ]'';
        description = "The texts that it is given. Key: `workflow.params`.";
      };
      title = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "Stand-up";
        description = "The title to show. Key: `workflow.title`.";
      };
      steps = nerva.mkRequired {
        type = types.listOf step;
        example = lib.literalExpression ''[ { ask = "What did I do yesterday?"; } ]'';
        description = "The steps in their order. Key: `workflow.steps`.";
      };
    };
  };

  server = types.submodule {
    options = {
      command = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = lib.literalExpression ''[ "''${pkgs.mcp-server-filesystem}/bin/mcp-server-filesystem" "/home/alice" ]'';
        description = "The program to start, with its arguments. Key: `mcp.servers.NAME.command`.";
      };
      url = mkOption {
        type = types.nullOr (types.strMatching "https?://.*");
        default = null;
        example = "https://example.org/mcp";
        description = "The server's address, instead of a program. Key: `mcp.servers.NAME.url`.";
      };
    };
  };

  pattern = types.submodule {
    options.argv = nerva.mkRequired {
      type = types.nonEmptyListOf types.str;
      example = [
        "git"
        "{status,log,diff}"
        "**"
      ];
      description = ''
        The command, letter by letter, and a pattern for each argument; a last `"**"` takes the rest. Key:
        `commands.pattern.argv`.
      '';
    };
  };

  # The keys of single values, with their options.
  values = {
    "calendar.paths" = "calendar.paths";
    "clipboard.days" = "clipboard.days";
    "clipboard.denied" = "clipboard.denied";
    "clipboard.entries" = "clipboard.entries";
    "clipboard.history" = "clipboard.history";
    "clipboard.size_mb" = "clipboard.sizeMB";
    "commands.allowed" = "commands.allowed";
    "commands.network" = "commands.network";
    "llm.provider" = "llm.provider";
    "llm.model" = "llm.model";
    "llm.base_url" = "llm.baseUrl";
    "llm.api_key_file" = "llm.apiKeyFile";
    "llm.max_rounds" = "llm.maxRounds";
    "llm.share.screen" = "llm.share.screen";
    "llm.share.clipboard" = "llm.share.clipboard";
    "llm.share.files" = "llm.share.files";
    "llm.share.notes" = "llm.share.notes";
    "llm.share.windows" = "llm.share.windows";
    "llm.share.history" = "llm.share.history";
    "llm.vision.provider" = "llm.vision.provider";
    "llm.vision.model" = "llm.vision.model";
    "llm.vision.base_url" = "llm.vision.baseUrl";
    "llm.vision.api_key_file" = "llm.vision.apiKeyFile";
    "log.days" = "log.days";
    "log.size_mb" = "log.sizeMB";
    "files.roots" = "files.roots";
    "notes.path" = "notes.path";
    "policy.caution" = "policy.caution";
    "policy.dangerous" = "policy.dangerous";
    "policy.safe" = "policy.safe";
    "secrets.path" = "secrets.path";
  };

  # A rule as the file has it, with its examples under the file's name for them.
  ruled =
    rule: nerva.set (removeAttrs rule [ "examples" ] // { example = map nerva.set rule.examples; });

  unit =
    file:
    import ../nix/unit.nix lib {
      inherit (cfg) package;
      inherit file;
    };
  started =
    file:
    let
      all = unit file;
    in
    if cfg.systemd.enable then all else removeAttrs all [ "Install" ];

  configFile = config.xdg.configFile."nerva/config.toml".source;
  styleFile = config.xdg.configFile."nerva/style.css".source;

  # Activation may run before anybody has logged in, and then there is nothing to tell.
  systemctl = command: ''
    XDG_RUNTIME_DIR=''${XDG_RUNTIME_DIR:-/run/user/$(id -u)} ${config.systemd.user.systemctlPath} --user ${command} || true
  '';
in
{
  options.programs.nerva = {
    enable = lib.mkEnableOption "nerva, the desktop agent and launcher" // {
      example = true;
    };

    inherit (nerva) package;

    settings = mkOption {
      inherit (nerva.toml) type;
      default = { };
      example = {
        llm.provider = "ollama";
      };
      description = ''
        The configuration, {file}`$XDG_CONFIG_HOME/nerva/config.toml`, with the keys of {manpage}`nerva-config(5)`. The
        other options put theirs in here; `nerva config check` reads the result when it is built.
      '';
    };

    llm = {
      provider = mkSetting {
        key = "llm.provider";
        type = types.enum [
          "auto"
          "openai"
          "ollama"
          "llamacpp"
          "offline"
        ];
        example = "ollama";
        description = "Where the model runs. `openai` is every server that speaks OpenAI's protocol.";
      };
      model = mkSetting {
        key = "llm.model";
        type = types.str;
        example = "qwen3:8b";
        description = "The model's name as the server knows it.";
      };
      baseUrl = mkSetting {
        key = "llm.base_url";
        type = types.strMatching "https?://.*";
        example = "http://127.0.0.1:8080/v1";
        description = "The server, up to and including its version.";
      };
      apiKeyFile = mkSetting {
        key = "llm.api_key_file";
        type = nerva.secretFile;
        example = "/run/secrets/nerva-api-key";
        description = "A file with the key of the model's server, read at each use.";
      };
      maxRounds = mkSetting {
        key = "llm.max_rounds";
        type = types.ints.between 1 1000;
        example = 25;
        description = "How often one run may go back to the model.";
      };
      vision = {
        provider = mkSetting {
          key = "llm.vision.provider";
          type = types.enum [
            "auto"
            "openai"
            "ollama"
            "llamacpp"
            "offline"
          ];
          example = "ollama";
          description = "Where the model for pictures runs, if it is not on the server of `llm`; one of `llm.vision`.";
        };
        model = mkSetting {
          key = "llm.vision.model";
          type = types.str;
          example = "qwen2.5vl:7b";
          description = "The model that is shown pictures of the screen.";
        };
        baseUrl = mkSetting {
          key = "llm.vision.base_url";
          type = types.strMatching "https?://.*";
          example = "http://127.0.0.1:8081/v1";
          description = "The server of the model for pictures, if it is another than that of `llm`.";
        };
        apiKeyFile = mkSetting {
          key = "llm.vision.api_key_file";
          type = nerva.secretFile;
          example = "/run/secrets/nerva-vision-key";
          description = "A file with the key of that server, read at each use.";
        };
      };
      share = lib.genAttrs [ "screen" "clipboard" "files" "notes" "windows" "history" ] share;
    };

    notes.path = mkSetting {
      key = "notes.path";
      type = nerva.userPath;
      example = "~/Documents/notes";
      description = "The folder of the notes.";
    };

    commands = {
      allowed = mkSetting {
        key = "commands.allowed";
        type = types.listOf types.str;
        example = [
          "ls"
          "date"
          "df"
        ];
        description = "The commands that may run at all, in a sandbox: names, or absolute paths.";
      };
      network = mkSetting {
        key = "commands.network";
        type = types.bool;
        example = true;
        description = "Whether commands have the network, and with it whatever listens on this computer.";
      };
      patterns = mkOption {
        type = types.listOf pattern;
        default = [ ];
        example = lib.literalExpression ''[ { argv = [ "git" "{status,log,diff}" "**" ]; } ]'';
        description = ''
          What the arguments of commands may be: where a command has patterns, they must fit one of them. Key:
          `commands.pattern`.
        '';
      };
    };

    files.roots = mkSetting {
      key = "files.roots";
      type = types.listOf (types.either (types.enum [ "~" ]) nerva.userPath);
      example = [ "~/Documents" ];
      description = "The folders in which skills may read, write and search files; what is protected in them stays so.";
    };

    calendar.paths = mkSetting {
      key = "calendar.paths";
      type = types.listOf nerva.userPath;
      example = [ "~/.calendars" ];
      description = ''
        The folders and `.ics` files in which the watchers' rules find meetings. Those of vdirsyncer, khal and Evolution are the
        default; a list replaces it.
      '';
    };

    secrets.path = mkSetting {
      key = "secrets.path";
      type = nerva.secretFile;
      example = "~/.config/nerva/secrets";
      description = "The folder of secrets, which must not lie in that of the notes.";
    };

    clipboard = {
      history = mkSetting {
        key = "clipboard.history";
        type = types.bool;
        example = false;
        description = "Whether what was copied is remembered, for the overlay to find.";
      };
      entries = mkSetting {
        key = "clipboard.entries";
        type = types.ints.between 1 1000;
        example = 50;
        description = "How many things are remembered.";
      };
      sizeMB = mkSetting {
        key = "clipboard.size_mb";
        type = types.ints.between 1 1024;
        example = 16;
        description = "How much they may take in all, in MiB.";
      };
      days = mkSetting {
        key = "clipboard.days";
        type = types.ints.between 0 36500;
        example = 7;
        description = "How old they may be. 0 keeps them however old.";
      };
      denied = mkSetting {
        key = "clipboard.denied";
        type = types.listOf types.str;
        example = [
          "*keepass*"
          "org.example.Bank"
        ];
        description = ''
          Globs for the ids of applications: what is copied while one of them has the focus is neither remembered nor shown
          to a model. The known password managers are denied by default; a list replaces that one.
        '';
      };
    };

    log = {
      days = mkSetting {
        key = "log.days";
        type = types.ints.between 0 36500;
        example = 90;
        description = "How old the oldest record of the audit log may be. 0 keeps all.";
      };
      sizeMB = mkSetting {
        key = "log.size_mb";
        type = types.ints.between 0 1048576;
        example = 16;
        description = "How much the audit log may take, in MiB. 0 keeps all.";
      };
    };

    policy = {
      safe = tier "safe" decision;
      caution = tier "caution" decision;
      dangerous = tier "dangerous" (
        types.enum [
          "ask"
          "deny"
        ]
      );
      rules = mkOption {
        type = types.listOf rule;
        default = [ ];
        example = lib.literalExpression ''
          [
            { name = "my documents"; skill = "open_path"; match.path = "~/Documents/**"; decision = "allow"; }
          ]
        '';
        description = "Rules that come before the tiers. Key: `policy.rule`.";
      };
    };

    timers = mkOption {
      type = types.attrsOf timer;
      default = { };
      example = lib.literalExpression ''{ "stand up".every = "weekday 10:00"; }'';
      description = "Reminders that ring again and again, by name. Key: `timer`, with the name as `timer.name`.";
    };

    workflows = mkOption {
      type = types.attrsOf workflow;
      default = { };
      example = lib.literalExpression ''{ standup.steps = [ { ask = "What did I do yesterday?"; } ]; }'';
      description = "Rows of steps by name. Key: `workflow`, with the name as `workflow.name`.";
    };

    mcp.servers = mkOption {
      type = types.attrsOf server;
      default = { };
      example = lib.literalExpression ''{ web.url = "https://example.org/mcp"; }'';
      description = "Servers of the Model Context Protocol by name. Key: `mcp.servers`. Not acted on by this version.";
    };

    plugins = mkOption {
      type = types.attrsOf (types.coercedTo types.path (source: { inherit source; }) plugin);
      default = { };
      example = lib.literalExpression "{ weather = { source = ./weather; network = true; }; clock = ./clock; }";
      description = ''
        Plugins by name: a folder with a `skill.toml` and its program, which becomes
        {file}`$XDG_CONFIG_HOME/nerva/skills/NAME`, and what it is given. A path alone is the folder. Key: `plugins`.
      '';
    };

    style = mkOption {
      type = types.nullOr (types.either types.lines types.path);
      default = null;
      example = ''
        .light { --surface: #fffff0; }
        .dark { --surface: #101018; }
      '';
      description = ''
        A style sheet laid over the overlay's own, {file}`$XDG_CONFIG_HOME/nerva/style.css`: other values for its names, or
        GTK's CSS.
      '';
    };

    systemd = {
      enable = mkOption {
        type = types.bool;
        default = true;
        example = false;
        description = ''
          Whether the daemon starts at login and the overlay with the graphical session, as services of the user's systemd.
          Without it the first that needs them starts them. Under the NixOS module its own options decide.
        '';
      };
      units = mkOption {
        type = types.bool;
        default = true;
        internal = true;
        description = "Whether the units are Home Manager's; the NixOS module has them itself.";
      };
    };
  };

  config = mkIf cfg.enable (
    lib.mkMerge [
      {
        home.packages = [ cfg.package ];
        # The bus starts the daemon and the overlay by their names.
        dbus.packages = [ cfg.package ];

        programs.nerva.settings = lib.mkMerge (
          [
            (nerva.set {
              commands = nerva.set { pattern = cfg.commands.patterns; };
              policy = nerva.set { rule = map ruled cfg.policy.rules; };
              timer = lib.mapAttrsToList (
                name: timer:
                {
                  inherit name;
                  inherit (timer) every;
                }
                // nerva.set { inherit (timer) text; }
              ) cfg.timers;
              workflow = lib.mapAttrsToList (
                name: workflow:
                {
                  inherit name;
                  steps = map nerva.set workflow.steps;
                }
                // nerva.set {
                  inherit (workflow) title;
                  params = map nerva.set workflow.params;
                }
              ) cfg.workflows;
              plugins = lib.mapAttrs (_: given: nerva.set (removeAttrs given [ "source" ])) cfg.plugins;
              mcp = nerva.set { servers = lib.mapAttrs (_: nerva.set) cfg.mcp.servers; };
            })
          ]
          ++ lib.mapAttrsToList (
            key: option:
            let
              value = lib.getAttrFromPath (lib.splitString "." option) cfg;
            in
            mkIf (value != null) (lib.setAttrByPath (lib.splitString "." key) value)
          ) values
        );

        # Home Manager's portals, where it has any, are all that the session sees; the compositors' own lack dialogs.
        xdg.portal.extraPortals = mkIf config.xdg.portal.enable [ pkgs.xdg-desktop-portal-gtk ];

        xdg.configFile = lib.mkMerge [
          {
            "nerva/config.toml" = mkIf (cfg.settings != { }) {
              source = nerva.configFile {
                inherit (cfg) package settings;
                prefix = "programs.nerva";
                names = values // {
                  "commands.pattern" = "commands.patterns";
                  "keybindings.toggle" = "keybinding.portal";
                  "mcp.servers" = "mcp.servers";
                  "policy.rule" = "policy.rules";
                  "watchers.builtin" = "watchers.builtin";
                  "watchers.enabled" = "watchers.enable";
                  "watchers.rule" = "watchers.rules";
                  "timer" = "timers";
                  "workflow" = "workflows";
                };
              };
            };
            "nerva/style.css" = mkIf (cfg.style != null) (
              if builtins.isString cfg.style then { text = cfg.style; } else { source = cfg.style; }
            );
          }
          (lib.mapAttrs' (
            name: plugin: lib.nameValuePair "nerva/skills/${name}" { inherit (plugin) source; }
          ) cfg.plugins)
        ];
      }
      # The bus starts both by their units, so these are there even if nothing starts by itself.
      (mkIf cfg.systemd.units {
        systemd.user.services = {
          nervad = lib.mkMerge [
            (started ../assets/systemd/nervad.service)
            # A reload: a restart would end what it is doing.
            { Unit.X-Reload-Triggers = lib.optional (cfg.settings != { }) "${configFile}"; }
          ];
          nerva-overlay = lib.mkMerge [
            (started ../assets/systemd/nerva-overlay.service)
            { Unit.X-Restart-Triggers = lib.optional (cfg.style != null) "${styleFile}"; }
          ];
        };
      })
      (mkIf (!cfg.systemd.units) {
        xdg.configFile = {
          "nerva/config.toml" = mkIf (cfg.settings != { }) { onChange = systemctl "reload nervad.service"; };
          "nerva/style.css" = mkIf (cfg.style != null) {
            onChange = systemctl "try-restart nerva-overlay.service";
          };
        };
      })
    ]
  );
}
