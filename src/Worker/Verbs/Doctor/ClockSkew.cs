using System.Globalization;

namespace VoiceWorker.Verbs.Doctor;

/// <summary>How far the clocks of worker and database are apart.</summary>
internal static class ClockSkew
{
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Wrong = TimeSpan.FromMinutes(1);

    /// <summary>Judges it.</summary>
    /// <param name="skew">Theirs less ours.</param>
    /// <param name="trip">Of the question and its answer: half of it is unknown.</param>
    public static Finding Examine(TimeSpan skew, TimeSpan trip)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"PostgreSQL's clock is {skew.Duration().TotalSeconds:0.000} s {(skew < TimeSpan.Zero ? "behind" : "ahead of")} "
            + $"this machine's (±{trip.TotalSeconds / 2:0.000} s)");
        const string remedy = "synchronise both by NTP: ages, retention and the times in audit events come from both";
        return skew.Duration() > Wrong ? Finding.Error("postgres.clock", text, remedy)
            : skew.Duration() - (trip / 2) > Noticeable ? Finding.Warning("postgres.clock", text, remedy)
            : Finding.Ok("postgres.clock", text);
    }
}
