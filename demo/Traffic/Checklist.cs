namespace VoiceWorker.Demo.Traffic;

/// <summary>What was expected, and what did not come.</summary>
internal sealed class Checklist
{
    private readonly List<string> _missed = [];
    private int _checked;

    public void Expect(bool asExpected, string what)
    {
        _checked++;
        if (!asExpected)
            _missed.Add(what);
    }

    /// <summary>Shows the verdict; 0 when everything came as expected, else 1.</summary>
    public int Conclude()
    {
        if (_missed.Count == 0)
        {
            Screen.Line("result", $"all {_checked} expectations met", "green");
            return 0;
        }

        Screen.Fail($"result  {_missed.Count} of {_checked} expectations not met:");
        foreach (var what in _missed)
            Screen.Fail($"          {what}");
        return 1;
    }
}
