# home
# refused: programs\.nerva\.watchers\.rules\..*on.*one of "clipboard"
{
  programs.nerva = {
    enable = true;
    watchers.rules = [
      {
        name = "a";
        on = "screen";
        suggest = {
          title = "t";
          ask = "a";
        };
      }
    ];
  };
}
