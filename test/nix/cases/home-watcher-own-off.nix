# home
# one of nerva's own rules is switched off by its name alone
# hasnot: match
# hasnot: suggest
{
  programs.nerva = {
    enable = true;
    watchers.rules = [
      {
        name = "copied colour";
        enable = false;
      }
    ];
  };
}
