using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using VoiceWorker.DeadLetters;
using VoiceWorker.WebConsole.Parts;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>Which dead letters a page or a form means, under the names of the verb's options.</summary>
internal static class LetterQuery
{
    public const string Queue = "queue";
    public const string Reason = "reason";
    public const string Business = "business";
    public const string Call = "call";
    public const string Producer = "producer";
    public const string Since = "since";
    public const string Before = "before";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [Queue, Reason, Business, Call, Producer, Since, Before];

    /// <summary>As a form was sent, which may also mean one letter.</summary>
    public static DeadLetterFilter Read(Asked asked) =>
        asked.Read(Names, Read) with { IdPrefix = asked.Text("id")?.ToLowerInvariant() };

    /// <summary>As it was given; what breaks a rule is a fault of that.</summary>
    public static DeadLetterFilter Read(Given given) => new()
    {
        Queue = given[Queue], Reason = given[Reason],
        Business = given.Whole(Business, 1, int.MaxValue)?.ToString(CultureInfo.InvariantCulture),
        Call = given[Call], Producer = given[Producer],
        Since = given.Instant(Since), Before = given.Instant(Before),
    };

    /// <summary>What leads to the same.</summary>
    public static string Address(string path, IEnumerable<KeyValuePair<string, string?>> given) =>
        path + new QueryBuilder(given.Where(one => !string.IsNullOrEmpty(one.Value))
            .Select(one => KeyValuePair.Create(one.Key, one.Value!))).ToQueryString();
}
