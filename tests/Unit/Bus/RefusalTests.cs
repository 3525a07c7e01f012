using System.Text;
using System.Text.Json;
using MassTransit.Serialization;
using Npgsql;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>What a caller is told of a message that breaks its contract: fields and rules, and no value.</summary>
public sealed class RefusalTests
{
    private const string CallIdRule = "required: 1–64 printable characters, no surrounding white space";
    private static readonly DateTimeOffset At = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public void A_call_id_is_given_back_unless_it_breaks_its_own_rule()
    {
        Assert.Equal("CA1", RefusedCall(new("CA1", 0, At)).CallId);
        Assert.Null(RefusedCall(new(" CA1", 0, At)).CallId);
        Assert.Null(RefusedCall(null, new BrokenRule("body", "well-formed JSON")).CallId);
    }

    [Fact]
    public void A_rule_says_what_the_header_of_the_dead_letter_says()
    {
        var broken = Assert.Single(RefusedCall(new(new string('x', 70), 1, At)).Broken);

        Assert.Equal(new BrokenField("callId", $"{CallIdRule} (was 70 characters)"), broken);
    }

    [Fact]
    public void A_body_that_cannot_be_read_has_no_field() =>
        Assert.Equal("", Assert.Single(RefusedCall(null, new BrokenRule("body", "a JSON object")).Broken).Field);

    [Fact]
    public void A_refused_change_names_its_business_when_that_is_sound()
    {
        var refused = Refuse<BusinessVoiceChanged, ChangeRefused>(
            new(42, "", At), ContractRules.Check(new BusinessVoiceChanged(42, "", At)));

        Assert.Equal(42, refused.BusinessId);
        Assert.Equal("voiceId", Assert.Single(refused.Broken).Field);
    }

    [Fact]
    public void A_refusal_names_at_most_a_hundred_rules_and_has_no_control_characters()
    {
        var rules = Enumerable.Range(0, 500).Select(n => new BrokenRule($"f\u001b[2J{n}", "r\u202e\0")).ToArray();

        var refused = RefusedCall(null, rules);

        Assert.Equal(BrokenField.Most, refused.Broken.Count);
        Assert.Equal(new BrokenField("f\\u001B[2J0", "r\\u202E\\u0000"), refused.Broken[0]);
    }

    [Theory]
    [InlineData("23514", "SQLSTATE 23514, table call_voice")]
    [InlineData("P0001", "SQLSTATE P0001, table call_voice")]
    public void What_the_database_rejects_is_told_without_its_words(string sqlState, string rule)
    {
        var failure = new PostgresException("S3CRET", "ERROR", "ERROR", sqlState, tableName: "call_voice");

        var refused = Refuse<CallStarted, CallRefused>(new("CA1", 1, At), DeliveryFailure.Of(failure));

        Assert.Equal(("CA1", RefusalError.NotRecorded), (refused.CallId, refused.Error));
        Assert.Equal(new BrokenField("", rule), Assert.Single(refused.Broken));
    }

    [Fact]
    public void A_fault_of_the_worker_is_told_without_its_words()
    {
        var failure = DeliveryFailure.Of(new ArithmeticException("S3CRET"));

        var refused = Refuse<BusinessVoiceChanged, ChangeRefused>(new(42, "ash", At), failure);

        Assert.Equal((42, RefusalError.NotRecorded), (refused.BusinessId, refused.Error));
        Assert.Equal(new BrokenField("", "the worker failed on it"), Assert.Single(refused.Broken));
    }

    [Theory]
    [InlineData("""{"callId":"CA1","businessId":"S3CRET","startedAt":"S3CRET"}""", "CA1", "businessId", "startedAt")]
    [InlineData("""{"callId":["S3CRET"],"businessId":42}""", null, "callId", "startedAt")]
    [InlineData("""{"businessId":1.5,"callId":"S3CRET\ud800","x":[]}""", null, "callId", "businessId", "startedAt")]
    [InlineData("{}", null, "callId", "businessId", "startedAt")]
    public void Every_field_that_is_wrong_or_missing_is_named_in_order(
        string json, string? callId, params string[] fields)
    {
        var call = FieldReader.Read(Parse(json), ContractsJson.Default.CallStarted, out var broken);

        Assert.Equal(fields, broken.Select(rule => rule.Field));
        Assert.Equal(callId, RefusedCall(call, [.. broken]).CallId);
        Assert.DoesNotContain("S3CRET", string.Join(';', broken), StringComparison.Ordinal);
    }

    [Fact]
    public void An_optional_field_of_the_wrong_type_is_named_too()
    {
        const string json =
            """{"businessId":42,"voiceId":"coral","changedAt":"2026-01-31T09:30:00Z","changedBy":{"x":1}}""";

        FieldReader.Read(Parse(json), ContractsJson.Default.BusinessVoiceChanged, out var broken);

        Assert.Equal("changedBy", Assert.Single(broken).Field);
    }

    // A field that is given twice, first wrong and then right, is the only one that reading alone cannot find.
    [Fact]
    public void Whatever_the_reader_refuses_is_read_field_by_field_without_a_failure()
    {
        for (var seed = 0; seed < 20_000; seed++)
        {
            var body = Mutation.Of(Encoding.UTF8.GetBytes(Messages.Change), new Random(seed));
            if (TryParse(body) is not { ValueKind: JsonValueKind.Object } json || IsTaken(body))
                continue;

            FieldReader.Read(json, ContractsJson.Default.BusinessVoiceChanged, out var broken);

            Assert.All(broken, rule => Assert.NotNull(ContractRules.RuleOf(rule.Field)));
        }
    }

    private static CallRefused RefusedCall(CallStarted call) => RefusedCall(call, [.. ContractRules.Check(call)]);

    private static CallRefused RefusedCall(CallStarted? call, params BrokenRule[] broken) =>
        Refuse<CallStarted, CallRefused>(call, broken);

    private static TRefused Refuse<TMessage, TRefused>(TMessage? message, IReadOnlyList<BrokenRule> broken)
        where TMessage : class =>
        Refuse<TMessage, TRefused>(message, DeliveryFailure.Of(new InvalidMessageException(broken)));

    private static TRefused Refuse<TMessage, TRefused>(TMessage? message, Failure failure)
        where TMessage : class
    {
        var context = new EnvelopeMessageContext(new Envelope<TMessage>(), SystemTextJsonMessageSerializer.Instance);
        var asker = new Reading<TMessage>(context, message, failure.Cause as InvalidMessageException).Asker;
        var (type, body) = Refusal.Of(asker, failure)!.Value;
        Assert.Equal(typeof(TRefused).Name, type);
        return (TRefused)JsonSerializer.Deserialize(body, typeof(TRefused), ContractsJson.Default)!;
    }

    private static bool IsTaken(byte[] body)
    {
        try
        {
            return Messages.ReadChange(body) is not null;
        }
        catch (InvalidMessageException)
        {
            return false;
        }
    }

    private static JsonElement Parse(string json) => JsonElement.Parse(json);

    private static JsonElement? TryParse(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
