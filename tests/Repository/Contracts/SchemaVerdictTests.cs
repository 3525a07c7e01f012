using System.Globalization;
using System.Text;
using System.Text.Json;
using VoiceWorker.Bus;
using VoiceWorker.ContractDocuments;
using VoiceWorker.Contracts;

namespace VoiceWorker.Tests.Repository.Contracts;

/// <summary>A schema accepts what the worker accepts and refuses what it refuses.</summary>
public sealed class SchemaVerdictTests
{
    private const int Rounds = 4_000;

    private static readonly string[] Instants =
    [
        "2026-01-31T09:30:00Z", "2026-01-31T09:30:00+14:00", "2026-01-31T09:30:00-00:00", "2026-01-31T09:30:00+14:01",
        "2026-01-31T09:30:00.1234567890123456Z", "2026-01-31T09:30:00.12345678901234567Z", "2026-01-31T09:30:00.Z",
        "2026-01-31T09:30:60Z", "2016-12-31T23:59:60Z", "2026-01-31T24:00:00Z", "2026-02-29T09:30:00Z",
        "2028-02-29T09:30:00Z", "2026-01-31t09:30:00z", "2026-01-31 09:30:00Z", "2026-01-31T09:30Z",
        "2026-01-31T09:30:00", "2026-01-31T09:30:00Z\n", "",
    ];

    private static readonly HashSet<(string Message, string Field)> Optional =
    [
        ("CallRefused", "callId"), ("BusinessVoiceChanged", "changedBy"), ("ChangeRefused", "businessId"),
        ("VoiceChangeResult", "reason"), ("CallVoiceResolved", "storedVoiceId"),
    ];

    [Fact]
    public async Task Every_message_is_accepted_as_it_is_written_and_refused_without_one_of_its_fields()
    {
        var texts = new List<(string Schema, string Text)>();
        var expected = new List<bool>();
        foreach (var message in ContractMessage.All)
        {
            Add(message.Name, message.ExampleJson.ToJsonString(), true);
            Add(message.Name, "{}", false);
            foreach (var (name, _) in message.ExampleJson.AsObject())
            {
                var without = message.ExampleJson.AsObject();
                without.Remove(name);
                Add(message.Name, without.ToJsonString(), name is "hash" || Optional.Contains((message.Name, name)));
            }
        }

        Assert.Equal(expected, await ContractJudge.AcceptAsync(texts));

        void Add(string schema, string text, bool accepted)
        {
            texts.Add((schema, text));
            expected.Add(accepted);
        }
    }

    [Fact]
    public Task A_mutated_call_is_accepted_by_its_schema_when_the_worker_takes_it() =>
        AssertAgreeAsync(nameof(CallStarted), Mutated(Messages.Call), Messages.ReadCall);

    [Fact]
    public Task A_mutated_change_is_accepted_by_its_schema_when_the_worker_takes_it() =>
        AssertAgreeAsync(nameof(BusinessVoiceChanged), Mutated(Messages.Change), ReadChange);

    [Fact]
    public Task A_call_id_is_accepted_by_the_schema_when_the_worker_takes_it() => AssertAgreeAsync(
        nameof(CallStarted), Texts(64).Select(text => With(Messages.Call, "CA1", text)), Messages.ReadCall);

    [Fact]
    public Task The_schema_accepts_each_voice_and_author_that_the_worker_takes() => AssertAgreeAsync(
        nameof(BusinessVoiceChanged),
        Texts(32).Select(text => With(Messages.Change, "coral", text))
            .Concat(Texts(128).Select(text => With(Messages.Change, "admin", text)))
            .Append(Messages.Change.Replace("\"admin\"", "null", StringComparison.Ordinal)),
        ReadChange);

    [Fact]
    public Task An_instant_is_accepted_by_the_schema_when_the_worker_takes_it() => AssertAgreeAsync(
        nameof(CallStarted), Instants.Select(instant => With(Messages.Call, "2026-01-31T09:30:00Z", instant)),
        Messages.ReadCall);

    private static async Task AssertAgreeAsync(string schema, IEnumerable<string> messages, Func<string, object> read)
    {
        var texts = messages.Where(Unsayable.IsNot).ToList();
        var verdicts = await ContractJudge.AcceptAsync([.. texts.Select(text => (schema, text))]);

        Assert.Equal(texts.Count, verdicts.Count);
        foreach (var (text, accepted) in texts.Zip(verdicts))
            Assert.True(accepted == Takes(() => read(text)), $"The schema {(accepted ? "accepts" : "refuses")} {text}");
    }

    private static object ReadChange(string text) => Messages.ReadChange(Encoding.UTF8.GetBytes(text));

    private static bool Takes(Func<object> read)
    {
        try
        {
            return read() is not null;
        }
        catch (InvalidMessageException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Mutated(string valid)
    {
        var utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);
        for (var seed = 0; seed < Rounds; seed++)
        {
            var body = Mutation.Of(Encoding.UTF8.GetBytes(valid), new Random(seed));
            string? text;
            try
            {
                text = utf8.GetString(body);
            }
            catch (DecoderFallbackException)
            {
                continue;
            }

            yield return text;
        }
    }

    // Lengths around the limit, and every character at which a category begins or ends, anywhere in a text.
    private static IEnumerable<string> Texts(int longest)
    {
        foreach (var unit in new[] { "a", "é", "😀" })
        {
            foreach (var count in new[] { 0, 1, 2, longest - 1, longest, longest + 1 })
                yield return string.Concat(Enumerable.Repeat(unit, count));
        }

        foreach (var edge in Enumerable.Range(1, char.MaxValue - 1).Where(IsEdge).Select(code => (char)code))
        {
            foreach (var text in new[] { "", "a", "ab", new string('a', longest) })
            {
                yield return edge + text;
                yield return text + edge;
                yield return text.Insert(text.Length / 2, edge.ToString());
            }
        }
    }

    private static bool IsEdge(int code) => !char.IsSurrogate((char)code)
        && (Kind(code) != Kind(code - 1) || Kind(code) != Kind(code + 1));

    private static (UnicodeCategory, bool) Kind(int code) => CharUnicodeInfo.GetUnicodeCategory((char)code) switch
    {
        var category and (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator) => (category, char.IsWhiteSpace((char)code)),
        _ => (UnicodeCategory.OtherLetter, char.IsWhiteSpace((char)code)),
    };

    private static string With(string message, string value, string text) =>
        message.Replace($"\"{value}\"", JsonSerializer.Serialize(text), StringComparison.Ordinal);
}
