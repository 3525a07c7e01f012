using System.Globalization;
using VoiceWorker.Servers;

namespace VoiceWorker.Tests.Repository.Deploy;

/// <summary>What KEDA is told against the worker's queues; its objects have no model here.</summary>
public sealed class ScalerTests
{
    private static readonly Dictionary<object, object> Spec = (Dictionary<object, object>)Manifests.Plain("keda/scaledobject.yaml")["spec"];
    private static readonly List<Dictionary<object, object>> Triggers =
        ((List<object>)Spec["triggers"]).ConvertAll(trigger => (Dictionary<object, object>)trigger);

    [Fact]
    public void It_scales_the_worker_by_its_own_queues()
    {
        Assert.Equal(Manifests.Deployment.Metadata.Name, Get(Spec, "scaleTargetRef", "name"));
        Assert.Equal(InputQueue.All.Select(queue => queue.Name), Triggers.Select(trigger => Get(trigger, "metadata", "queueName")));
    }

    [Fact]
    public void A_replica_is_one_prefetch_behind_before_there_is_another() => Assert.All(
        Triggers, trigger => Assert.Equal(Manifests.Settings["Bus__Prefetch"], Get(trigger, "metadata", "value")));

    [Fact]
    public void There_is_always_one_to_relay_and_one_to_stand_by()
    {
        Assert.Equal(2, int.Parse((string)Spec["minReplicaCount"], CultureInfo.InvariantCulture));
        Assert.Equal(2, Manifests.Deployment.Spec.Replicas);
    }

    [Fact]
    public void It_reads_the_broker_s_address_from_the_worker_s_secret()
    {
        var authentication = Manifests.Plain("keda/triggerauthentication.yaml");
        var host = (Dictionary<object, object>)((List<object>)((Dictionary<object, object>)authentication["spec"])["secretTargetRef"]).Single();
        var secret = Manifests.Worker.Env.Single(variable => variable.Name == "ConnectionStrings__RabbitMq").ValueFrom.SecretKeyRef;

        Assert.Equal(("host", secret.Name, secret.Key), (host["parameter"], host["name"], host["key"]));
        Assert.All(Triggers, trigger => Assert.Equal(
            ((Dictionary<object, object>)authentication["metadata"])["name"], Get(trigger, "authenticationRef", "name")));
    }

    private static string Get(Dictionary<object, object> from, string part, string name) => (string)((Dictionary<object, object>)from[part])[name];
}
