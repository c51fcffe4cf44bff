# The rules of what nerva notices.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.programs.nerva;
  nerva = import ../nix/lib.nix { inherit lib pkgs; };

  # An option that stands in the file only where it is set.
  mkKey =
    {
      key,
      type ? types.str,
      example,
      description,
    }:
    mkOption {
      type = types.nullOr type;
      default = null;
      inherit example;
      description = "${description} Key: `watchers.rule.${key}`.";
    };
  text =
    key: example: description:
    mkKey { inherit key example description; };
  texts =
    key: example: description:
    mkKey {
      inherit key example description;
      type = types.listOf types.str;
    };

  # What can be done, in the table prefix of a rule.
  runs = prefix: {
    ask = text "${prefix}ask" "Summarise {{.Text}}" "What the agent is asked.";
    skill = text "${prefix}skill" "open_url" "The skill that is called instead.";
    input = mkOption {
      type = types.attrsOf nerva.toml.type;
      default = { };
      example = {
        url = "{{.Text}}";
      };
      description = ''
        The input of the skill, or the parameters of the workflow; the texts in it are templates.
        Key: `watchers.rule.${prefix}input`.
      '';
    };
    workflow = text "${prefix}workflow" "standup" "The workflow that is run instead, by its name.";
  };
  shown = prefix: {
    title = nerva.mkRequired {
      type = types.str;
      example = "Summarise this page?";
      description = "The title that is shown, a template. Key: `watchers.rule.${prefix}title`.";
    };
    body = text "${prefix}body" "{{line .Text}}" "The text below the title, a template.";
  };

  button = types.submodule {
    options = runs "notify.actions." // {
      title = nerva.mkRequired {
        type = types.str;
        example = "Open";
        description = "What stands on the button. Key: `watchers.rule.notify.actions.title`.";
      };
    };
  };

  buttons.actions = mkOption {
    type = types.listOf button;
    default = [ ];
    example = lib.literalExpression ''[ { title = "Why?"; ask = "Why did {{.Unit}} fail?"; } ]'';
    description = "Its buttons, at most three. Key: `watchers.rule.notify.actions`.";
  };

  rule = types.submodule {
    options = {
      name = nerva.mkRequired {
        type = types.str;
        example = "summarise links";
        description = ''
          What the rule and its suggestions are listed by. A rule takes the place of the one of nerva's own that has its name.
          Key: `watchers.rule.name`.
        '';
      };
      enable = mkOption {
        type = types.bool;
        default = true;
        example = false;
        description = ''
          Whether it is in force. With `false` and the name of one of nerva's own rules it needs nothing else, and switches
          that off. Key: `watchers.rule.enabled`.
        '';
      };
      on = mkKey {
        key = "on";
        type = types.enum [
          "clipboard"
          "window"
          "file"
          "timer"
          "dbus"
          "unit"
          "notification"
          "battery"
          "network"
          "idle"
          "calendar"
        ];
        example = "clipboard";
        description = "The source of events.";
      };
      match = {
        regex = mkKey {
          key = "match.regex";
          example = "^https?://";
          description = ''
            A regular expression, as Go has them, for the event's text; one of the keys of `watchers.rule.match`.
          '';
        };
        when = mkKey {
          key = "match.when";
          example = "Bytes > 1000000";
          description = "A condition over the event's fields, in the language of expr-lang.org.";
        };
        apps = texts "match.apps" [ "firefox*" ] "Globs for applications' ids; one must fit.";
        paths = texts "match.paths" [ "~/Downloads/*" ] "Globs for a file's path; one must fit.";
        events = mkKey {
          key = "match.events";
          type = types.listOf types.str;
          example = [ "created" ];
          description = ''
            What happened to a file (created, changed, moved, removed) or window (focused, titled, opened, closed).
          '';
        };
        cron = text "match.cron" "0 9 * * 1-5" "When the timer rings, as in {manpage}`crontab(5)`.";
        every = text "match.every" "90m" "How often the timer rings, at least 1m.";
        bus = mkKey {
          key = "match.bus";
          type = types.enum [
            "session"
            "system"
          ];
          example = "system";
          description = "The bus of a D-Bus signal or property; with `null` the session's.";
        };
        sender = text "match.sender" "org.freedesktop.login1" "The name on the bus that sends.";
        path = text "match.path" "/org/freedesktop/login1" "The path of the D-Bus object.";
        interface = text "match.interface" "org.freedesktop.login1.Manager" "The D-Bus interface.";
        member = text "match.member" "PrepareForSleep" "The D-Bus signal.";
        property = text "match.property" "LidClosed" "The D-Bus property that changes.";
        unit = text "match.unit" "backup*.service" "A glob for the name of a unit.";
        scope = mkKey {
          key = "match.scope";
          type = types.enum [
            "user"
            "system"
          ];
          example = "system";
          description = "Whose units; with `null` both.";
        };
        states = mkKey {
          key = "match.states";
          type = types.listOf types.str;
          example = [ "failed" ];
          description = "States of a unit, battery, network or of idleness; it must become one of them.";
        };
        below = mkKey {
          key = "match.below";
          type = types.ints.between 1 100;
          example = 15;
          description = "The percentage that a battery falls below.";
        };
        after = text "match.after" "10m" "How long nobody has touched anything, at least 10s.";
        before = text "match.before" "5m" "How long before a meeting begins, from 1m to 24h; with `null` 5m.";
      };
      debounce = mkKey {
        key = "debounce";
        example = "2s";
        description = "How long nothing more must fit before it fires, for the last event alone.";
      };
      atMost = text "at_most" "3/1h" "How often it fires; what is beyond is let go.";
      quiet = text "quiet" "22:00-07:00" "The time of the day in which it does not fire.";
      auto = mkOption {
        type = types.bool;
        default = false;
        example = true;
        description = ''
          Whether a skill or workflow that is done at once may run without a question, as far as the policy allows it in a
          tainted run. Key: `watchers.rule.auto`.
        '';
      };
      suggest = mkKey {
        key = "suggest";
        type = types.submodule { options = shown "suggest." // runs "suggest."; };
        example = {
          title = "Summarise this page?";
          ask = "Summarise {{.Text}}";
        };
        description = "A suggestion, and what is done when it is accepted.";
      };
      notify = mkKey {
        key = "notify";
        type = types.submodule { options = shown "notify." // buttons; };
        example = {
          title = "{{.Unit}} failed";
        };
        description = "A notification, instead of a suggestion.";
      };
    }
    // runs "";
  };

  notifyTable = notify: nerva.set (notify // { actions = map nerva.set notify.actions; });
  ruleTable =
    rule:
    nerva.set (
      removeAttrs rule [
        "enable"
        "atMost"
      ]
      // {
        enabled = if rule.enable then null else false;
        auto = if rule.auto then true else null;
        at_most = rule.atMost;
        match = nerva.set rule.match;
        suggest = lib.mapNullable nerva.set rule.suggest;
        notify = lib.mapNullable notifyTable rule.notify;
      }
    );
in
{
  imports = [ ./options.nix ];

  options.programs.nerva.watchers = {
    enable = nerva.mkSetting {
      key = "watchers.enabled";
      type = types.bool;
      example = false;
      description = "Whether the rules are in force.";
    };
    builtin = nerva.mkSetting {
      key = "watchers.builtin";
      type = types.bool;
      example = false;
      description = "Whether nerva's own rules are among them.";
    };
    rules = mkOption {
      type = types.listOf rule;
      default = [ ];
      example = lib.literalExpression ''
        [
          {
            name = "summarise links";
            on = "clipboard";
            match.regex = "^https?://";
            suggest = { title = "Summarise this page?"; ask = "Summarise {{.Text}}"; };
          }
          { name = "copied colour"; enable = false; }
        ]
      '';
      description = "The rules. Key: `watchers.rule`.";
    };
  };

  config = lib.mkIf cfg.enable {
    programs.nerva.settings = nerva.set {
      watchers = nerva.set {
        enabled = cfg.watchers.enable;
        inherit (cfg.watchers) builtin;
        rule = map ruleTable cfg.watchers.rules;
      };
    };
  };
}
