using System.Text;
using MassTransit;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Bus;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Tests.Unit.Bus;

public sealed class FaultTests
{
    private static readonly Uri Input = new("rabbitmq://host/queue?durable=true");

    public static TheoryData<bool, Exception> Failures { get; } = new()
    {
        { true, new TaskCanceledException() },
        { true, new ConsumerCanceledException("stopping") },
        { true, new AlreadyClosedException(new ShutdownEventArgs(ShutdownInitiator.Library, 541, "lost")) },
        { true, new BrokerUnreachableException(new IOException()) },
        { true, new AggregateException(new ConnectionException("lost")) },
        { true, new TransportUnavailableException("lost") },
        { true, new ObjectDisposedException("channel") },
        { true, new NpgsqlException("lost") },
        { false, new InvalidMessageException([new BrokenRule("callId", "required")]) },
        { false, new FormatException() },
        { false, new PostgresException("m", "ERROR", "ERROR", "22001") },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failure_is_transient_by_its_type(bool isTransient, Exception failure) =>
        Assert.Equal(isTransient, DeliveryFailure.Of(failure).CanPass);

    [Fact]
    public void Of_a_PostgreSQL_error_only_names_are_told()
    {
        var sql = new PostgresException(
            "invalid input syntax: \"secret\"", "ERROR", "ERROR", "22P02", detail: "Key (id)=(secret)", tableName: "business", constraintName: "ck");

        var headers = FaultHeaders.Of(new InvalidOperationException("secret", sql), Input, DateTime.UnixEpoch);

        Assert.Equal("SQLSTATE 22P02, table business, constraint ck", headers[FaultHeaders.Message]);
        Assert.DoesNotContain(headers.Values, value => ((string)value!).Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void Headers_stay_below_8_KB_whatever_the_failure()
    {
        var failure = new InvalidMessageException([new BrokenRule("voiceId", new string('€', 50_000))]);

        var headers = FaultHeaders.Of(failure, new Uri("rabbitmq://host/" + new string('q', 5_000)), DateTime.UnixEpoch);

        Assert.InRange(headers.Sum(header => header.Key.Length + Encoding.UTF8.GetByteCount((string)header.Value!)), 2_000, 8 * 1024);
    }
}
