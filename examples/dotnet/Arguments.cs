using System.Globalization;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Example;

/// <summary>What breaks the contract would be moved to the worker's error queue: it is refused here, before it is sent.</summary>
internal static class Arguments
{
    /// <summary>A number as it was typed.</summary>
    /// <exception cref="ArgumentException">It is none that can be sent.</exception>
    public static int Number(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1
            ? number : throw new ArgumentException($"{name} must be an integer from 1 to 2147483647, not '{text}'");

    /// <summary>Passes a message on that the worker will take; the rules come with the contracts.</summary>
    /// <exception cref="ArgumentException">It breaks some of them.</exception>
    public static T Check<T>(T message, Func<T, IReadOnlyList<BrokenRule>> rules) =>
        rules(message) is { Count: > 0 } broken ? throw new ArgumentException(string.Join(Environment.NewLine, broken)) : message;
}
