using System.Net.Sockets;
using System.Threading.Channels;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Persistence;
using VoiceWorker.Servers;

namespace VoiceWorker.Tests.Unit.Servers;

public sealed class ServerFailureTests
{
    [Theory]
    [InlineData(320, FailureKind.Outage)]
    [InlineData(541, FailureKind.Outage)]
    [InlineData(403, FailureKind.Privilege)]
    [InlineData(530, FailureKind.Settings)]
    [InlineData(404, FailureKind.Transient)]
    [InlineData(406, FailureKind.Transient)]
    public void A_reply_of_the_broker_has_one_kind_and_its_code(int code, FailureKind kind)
    {
        var closed = new OperationInterruptedException(
            new ShutdownEventArgs(ShutdownInitiator.Peer, (ushort)code, "REASON"));

        Assert.All(new Exception[] { closed, new InvalidOperationException("x", closed) }, failure =>
        {
            var judged = ServerFailure.Of(failure);
            Assert.Equal((kind, $"{code}", $"AMQP {code}: REASON"), (judged.Kind, judged.Code, judged.Words));
        });
    }

    [Fact]
    public void What_the_client_closes_by_itself_is_an_outage() => Assert.Equal(
        FailureKind.Outage,
        ServerFailure.Of(new AlreadyClosedException(new ShutdownEventArgs(ShutdownInitiator.Library, 501, "x"))).Kind);

    [Fact]
    public void A_refused_login_is_a_matter_of_settings_however_it_is_wrapped()
    {
        var refused = new BrokerUnreachableException(new AuthenticationFailureException("ACCESS_REFUSED"));

        Assert.Equal(FailureKind.Settings, ServerFailure.Of(refused).Kind);
    }

    [Fact]
    public void No_words_have_the_name_of_an_exception() => Assert.All(
        new Exception[]
        {
            new BrokerUnreachableException(new ConnectFailureException("x", new SocketException(111))),
            new BrokerUnreachableException(new AggregateException(new ConnectFailureException("x", new SocketException(111)))),
            new AlreadyClosedException(new ShutdownEventArgs(ShutdownInitiator.Peer, 320, "closed by an operator")),
            new NpgsqlException("Failed", new SocketException(104)), new NpgsqlException("x", new TimeoutException()),
            new NpgsqlException("Check inner exception", new AggregateException(
                new NpgsqlException("Failed", new SocketException(111)), new NpgsqlException("x", new TimeoutException()))),
            new BrokerUnreachableException(new IOException("x", new EndOfStreamException())),
            new TaskCanceledException(), new InvalidOperationException("x", new OperationCanceledException()),
            new ObjectDisposedException("RabbitMQ.Client.Impl.Channel"), new ChannelClosedException(),
            new AlreadyClosedException(new ShutdownEventArgs(
                ShutdownInitiator.Library, 541, "Unexpected Exception: x", new IOException("x"))),
        },
        failure =>
        {
            Assert.DoesNotContain("Exception", ServerFailure.Describe(failure), StringComparison.OrdinalIgnoreCase);
            Assert.NotEqual("", ServerFailure.Describe(failure));
        });

    [Fact]
    public void Of_several_hosts_each_says_why() => Assert.Equal(
        "connection refused; no answer in time",
        ServerFailure.Describe(new NpgsqlException("Check inner exception", new AggregateException(
            new NpgsqlException("Failed", new SocketException(111)), new NpgsqlException("x", new TimeoutException())))));
}
