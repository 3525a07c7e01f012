using System.Globalization;
using System.Net.Sockets;
using System.Threading.Channels;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Persistence;

namespace VoiceWorker.Servers;

/// <summary>Judges failures of both servers: of RabbitMQ by the AMQP reply code, of PostgreSQL as
/// <see cref="SqlFailure"/> does. Never by text, and never with a secret in the words.</summary>
internal static class ServerFailure
{
    /// <summary>The judgement; wrapped failures are looked into.</summary>
    public static Failure Of(Exception failure)
    {
        var causes = Failure.CausesOf(failure).ToList();
        if (causes.OfType<ServerUnreachableException>().FirstOrDefault() is { } known)
            return new(known.Kind, known.GetType().FullName!, known.Message, known);
        if (causes.OfType<NoPostgresHostException>().FirstOrDefault() is { } hosts)
            return Outage(hosts, hosts.Message, hosts.IsUnwritable ? PostgresErrorCodes.ReadOnlySqlTransaction : null);
        if (causes.Find(cause => cause is NoNodeException) is { } none)
            return Outage(none, none.Message);
        if (causes.Find(cause => cause is CertificateRefusedException) is { } refused)
            return Outage(refused, refused.Message);
        var judged = causes.Exists(cause => cause is NpgsqlException) ? SqlFailure.Of(failure)
            : causes.Select(OfBroker).FirstOrDefault(judged => judged is not null) ?? SqlFailure.Of(failure);
        return judged.Kind is FailureKind.Unexpected
            ? causes.Select(OfTheWay).FirstOrDefault(way => way is not null) ?? judged : judged;
    }

    /// <summary>In one line, for operators.</summary>
    public static string Describe(Exception failure) => Of(failure).Words;

    /// <summary>What several servers say: each with its name, or once where all say the same.</summary>
    public static string DescribeEach(IReadOnlyList<(string Server, string Words)> said) =>
        said.Select(one => one.Words).Distinct().Count() == 1
            ? said[0].Words : string.Join("; ", said.Select(one => $"{one.Server}: {one.Words}"));

    private static Failure? OfBroker(Exception cause) => cause switch
    {
        AuthenticationFailureException or PossibleAuthenticationFailureException => new(
            FailureKind.Settings, CodeOf(Constants.AccessRefused),
            $"it refuses user and password: {cause.Message}", cause),
        OperationInterruptedException { ShutdownReason: { } reason } => new(
            KindOf(reason), CodeOf(reason.ReplyCode), Describe(reason), cause),
        // What is inside says more.
        BrokerUnreachableException { InnerException: not null } => null,
        RabbitMQClientException or BrokerUnreachableException or OperationInterruptedException =>
            Outage(cause, SqlFailure.DescribeWay(cause)),
        _ => null,
    };

    // The client of RabbitMQ cancels what is not answered in time, and a connection that ends under a request leaves
    // only this behind.
    private static Failure? OfTheWay(Exception cause) => cause switch
    {
        OperationCanceledException => Outage(cause, "no answer in time"),
        ObjectDisposedException or ChannelClosedException => Outage(cause, "the connection is closed"),
        _ => null,
    };

    // A client that closes by itself, for what it reads or does not read, says 541 or 501 of it.
    private static FailureKind KindOf(ShutdownEventArgs reason) => reason switch
    {
        { Initiator: not ShutdownInitiator.Peer } or { ReplyCode: < 400 or Constants.InternalError } =>
            FailureKind.Outage,
        { ReplyCode: Constants.AccessRefused } => FailureKind.Privilege,
        { ReplyCode: Constants.NotAllowed } => FailureKind.Settings,
        _ => FailureKind.Transient,
    };

    // What the client calls internal is the name and text of an exception of its own.
    private static string Describe(ShutdownEventArgs reason) => reason.Exception is { } lost
        && (reason.ReplyCode is Constants.InternalError || Failure.CausesOf(lost).OfType<SocketException>().Any())
            ? SqlFailure.DescribeWay(lost)
            : string.Create(
                CultureInfo.InvariantCulture, $"AMQP {reason.ReplyCode}: {reason.ReplyText}{RightFor(reason)}");

    // The broker says user, virtual host and resource, and not always which right it is: that follows from the method.
    private static string RightFor(ShutdownEventArgs close) => (close.ReplyCode, close.ClassId, close.MethodId) switch
    {
        (Constants.AccessRefused, 40, 10) => Right("configure"),
        (Constants.AccessRefused, 50, 10) => Right(
            "configure on the queue; where it has a dead-letter exchange, also read on the queue and write on the "
            + "exchange"),
        (Constants.AccessRefused, 50, 20) => Right("write on the queue and read on the exchange"),
        (Constants.AccessRefused, 40, 30) => Right(
            "write on the exchange that is bound and read on the one it is bound to"),
        (Constants.AccessRefused, 60, 20 or 70) or (Constants.AccessRefused, 50, 30) => Right("read"),
        (Constants.AccessRefused, 60, 40) => Right("write"),
        (Constants.AccessRefused, 50, 40) => Right("configure"),
        _ => "",
    };

    private static string Right(string right) =>
        $"; the user needs the right {right} (rabbitmqctl set_permissions, docs/connections.md)";

    private static Failure Outage(Exception cause, string words, string? code = null) =>
        new(FailureKind.Outage, code ?? cause.GetBaseException().GetType().FullName!, words, cause);

    private static string CodeOf(ushort replyCode) => replyCode.ToString(CultureInfo.InvariantCulture);
}
