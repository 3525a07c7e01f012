using System.Runtime.CompilerServices;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Boot;
using VoiceWorker.Contracts;
using VoiceWorker.Servers;

namespace VoiceWorker.Verbs.Doctor;

/// <summary>RabbitMQ: whether it answers, what it is, and whether its queues are as the worker declares them.</summary>
internal sealed class RabbitExam(IServiceProvider services)
{
    /// <summary>Every finding; after one of the connection there is no other.</summary>
    public async IAsyncEnumerable<Finding> ExamineAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (connection, unreachable) = await ConnectAsync(cancellationToken);
        if (connection is null)
        {
            yield return unreachable!;
            yield break;
        }

        await using var closing = connection;
        foreach (var finding in await ExamineRightsAsync(cancellationToken))
            yield return finding;
        foreach (var finding in ExamineConnection(VersionOf(connection), connection.Heartbeat, connection.ChannelMax))
            yield return finding;
        // What a worker declares when it starts is one finding, however much of it there is: it must not hide another.
        var missing = new List<string>();
        await foreach (var (what, finding) in ExamineTopologyAsync(connection, cancellationToken))
        {
            if (finding is null)
                missing.Add(what);
            else
                yield return finding;
        }

        if (missing.Count > 0)
            yield return Missing(missing);
        foreach (var finding in await ExaminePoliciesAsync(cancellationToken))
            yield return finding;
    }

    /// <summary>Findings of the connection itself.</summary>
    public static IEnumerable<Finding> ExamineConnection(string version, TimeSpan heartbeat, ushort channelMax)
    {
        yield return System.Version.TryParse(version.Split('-', '+')[0], out var number) && number >= new Version(3, 10)
            ? Finding.Ok("rabbitMq.version", version)
            : Finding.Error("rabbitMq.version", $"{version} is older than 3.10",
                "upgrade: dead letters are moved at least once from 3.10 on");
        yield return heartbeat > TimeSpan.Zero && heartbeat <= TimeSpan.FromMinutes(1)
            ? Finding.Ok("rabbitMq.heartbeat", $"{heartbeat.TotalSeconds} s")
            : Finding.Warning("rabbitMq.heartbeat", heartbeat == TimeSpan.Zero ? "none" : $"{heartbeat.TotalSeconds} s",
                "set heartbeat in rabbitmq.conf to 60 or less: a dead connection would keep its deliveries");
        yield return channelMax is 0 or >= 16
            ? Finding.Ok("rabbitMq.channels", $"channel_max={channelMax}")
            : Finding.Warning(
                "rabbitMq.channels", $"channel_max={channelMax}", "raise channel_max in rabbitmq.conf to 16 or more");
    }

    private async IAsyncEnumerable<(string What, Finding? Finding)> ExamineTopologyAsync(
        IConnection connection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var exchange in Exchanges.OfAuditEvents.Values.Concat(
            [Exchanges.VoiceAudit, .. InputQueue.All.Select(queue => queue.Exchange)]))
            yield return ($"exchange {exchange}", await ExchangeAsync(connection, exchange, cancellationToken));
        foreach (var (queue, arguments) in services.GetRequiredService<PolicyCheck>().Queues())
            yield return ($"queue {queue}", await QueueAsync(connection, queue, arguments, cancellationToken));
    }

    private async Task<IReadOnlyList<Finding>> ExamineRightsAsync(CancellationToken cancellationToken)
    {
        var missing = await services.GetRequiredService<RightsCheck>().FindMissingAsync(cancellationToken);
        return missing.Count == 0
            ? [Finding.Ok("rabbitMq.rights", "the user may write to the exchanges and read from the queues")]
            : [.. missing.Select(right => Finding.Error(
                right.Purpose == RightsCheck.ToDefaultExchange ? "rabbitMq.replies" : "rabbitMq.rights", $"{right}",
                "give the user of ConnectionStrings:RabbitMq that right"))];
    }

    private async Task<(IConnection? Connection, Finding? Unreachable)> ConnectAsync(
        CancellationToken cancellationToken)
    {
        try
        {
            var wait = services.GetRequiredService<ServerWait>();
            return (await wait.ForRabbitMqAsync("voice-worker tools", TimeSpan.Zero, cancellationToken), null);
        }
        catch (ServerUnreachableException unreachable)
        {
            return (null, Finding.Error("rabbitMq.connection", unreachable.Message,
                "check host, port, user, password, virtual host and certificate in ConnectionStrings:RabbitMq"));
        }
    }

    private static string VersionOf(IConnection connection) =>
        connection.ServerProperties is { } server && server.TryGetValue("version", out var version)
            && version is byte[] text
            ? Encoding.UTF8.GetString(text) : "unknown";

    private async Task<IReadOnlyList<Finding>> ExaminePoliciesAsync(CancellationToken cancellationToken)
    {
        const string check = "rabbitMq.policies";
        var policies = services.GetRequiredService<PolicyCheck>();
        if (!policies.IsPossible)
            return [Finding.Ok(check, "not examined: ConnectionStrings:RabbitMqManagement is not set")];
        try
        {
            var effects = await policies.FindAsync(cancellationToken);
            return effects.Count == 0 ? [Finding.Ok(check, "none loses or limits what the worker keeps")]
                : [.. effects.Select(effect => Finding.Warning(check, $"{effect}",
                    $"take {effect.Queue} out of the pattern of {effect.Policy} (rabbitmqctl list_policies)"))];
        }
        catch (PolicyUnknownException unknown)
        {
            return [Finding.Warning(check, unknown.Message,
                "check ConnectionStrings:RabbitMqManagement; its user needs the tag monitoring, or management and the"
                + " virtual host")];
        }
    }

    // Declaring what is there changes nothing, and is refused where it is otherwise; what is not there must not be
    // made.
    private static Task<Finding?> QueueAsync(
        IConnection connection, string queue, Dictionary<string, object?> arguments,
        CancellationToken cancellationToken) =>
        JudgeAsync(connection, $"queue {queue}", async channel =>
        {
            if (await BrokerQueue.FindAsync(connection, queue, cancellationToken) is not { } found)
                return null;
            await Declaration.QueueAsync(channel, queue, arguments, cancellationToken);
            return $"as declared, {found.MessageCount} messages, {found.ConsumerCount} consumers";
        }, cancellationToken);

    private static Task<Finding?> ExchangeAsync(
        IConnection connection, string exchange, CancellationToken cancellationToken) =>
        JudgeAsync(connection, $"exchange {exchange}", async channel =>
        {
            await using (var asking = await connection.CreateChannelAsync(cancellationToken: cancellationToken))
                await asking.ExchangeDeclarePassiveAsync(exchange, cancellationToken);
            await Declaration.ExchangeAsync(channel, exchange, cancellationToken);
            return "as declared";
        }, cancellationToken);

    // Null for what is not there.
    private static async Task<Finding?> JudgeAsync(
        IConnection connection, string what, Func<IChannel, Task<string?>> judge, CancellationToken cancellationToken)
    {
        const string check = "rabbitMq.topology";
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return await judge(channel) is { } state ? Finding.Ok(check, $"{what}: {state}") : null;
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
        catch (OperationInterruptedException refusal)
            when (refusal.ShutdownReason?.ReplyCode == Constants.AccessRefused)
        {
            return Finding.Error(check, $"{what}: {ServerFailure.Describe(refusal)}",
                "give the user of ConnectionStrings:RabbitMq that right");
        }
        catch (TopologyException differs)
        {
            return Finding.Error(check, differs.Refusal, differs.Remedy);
        }
    }

    private static Finding Missing(List<string> what) => Finding.Warning("rabbitMq.topology",
        what.Count == 1 ? $"{what[0]} does not exist" : $"{what.Count} do not exist: {string.Join(", ", what)}",
        $"start a worker, which declares {(what.Count == 1 ? "it" : "them")}");
}
