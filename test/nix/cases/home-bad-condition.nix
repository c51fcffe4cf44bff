# home
# build: watchers\.rule\[0\]\.match\.when is no condition: unknown name Titel
{
  programs.nerva = {
    enable = true;
    watchers.rules = [
      {
        name = "a";
        on = "window";
        match.when = "Titel == \"x\"";
        ask = "a";
      }
    ];
  };
}
