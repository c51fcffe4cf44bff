# home
# build: watchers\.rule\[0\]\.match\.regex is no regular expression
{
  programs.nerva = {
    enable = true;
    watchers.rules = [
      {
        name = "a";
        on = "clipboard";
        match.regex = "(";
        suggest = {
          title = "t";
          ask = "a";
        };
      }
    ];
  };
}
