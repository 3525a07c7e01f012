using System.CommandLine;
using System.Globalization;

namespace VoiceWorker.Verbs;

/// <summary>Numbers on the command line that have limits.</summary>
internal static class NumberRange
{
    /// <summary>Refuses what is given outside of the limits; what is no number is refused anyway.</summary>
    /// <param name="option">Takes a number.</param>
    /// <param name="least">The smallest.</param>
    /// <param name="most">The largest.</param>
    public static Option<T> Between<T>(this Option<T> option, double least, double most)
    {
        option.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var number)
                && !(number >= least && number <= most))
                given.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be between {least} and {most}."));
        });
        return option;
    }
}
