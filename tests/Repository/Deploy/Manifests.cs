using k8s;
using k8s.Models;

namespace VoiceWorker.Tests.Repository.Deploy;

/// <summary>The files below deploy/kubernetes, read strictly: a field that Kubernetes does not know is an exception.</summary>
internal static class Manifests
{
    public const string Folder = "deploy/kubernetes";

    public static V1Deployment Deployment { get; } = Read<V1Deployment>("worker/deployment.yaml");

    public static V1Service Service { get; } = Read<V1Service>("worker/service.yaml");

    public static V1PodDisruptionBudget DisruptionBudget { get; } = Read<V1PodDisruptionBudget>("worker/poddisruptionbudget.yaml");

    public static V1Job Migration { get; } = Read<V1Job>("migrate/job.yaml");

    public static V1Container Worker => Deployment.Spec.Template.Spec.Containers.Single();

    public static V1Container Migrator => Migration.Spec.Template.Spec.Containers.Single();

    /// <summary>Settings of the config map: those that are no secret.</summary>
    public static Dictionary<string, string> Settings { get; } = Literals()
        .Select(literal => literal.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    public static string Text(string file) => RepositoryFiles.Read($"{Folder}/{file}");

    /// <summary>Any document, without a model of it.</summary>
    public static Dictionary<string, object> Plain(string file) =>
        new YamlDotNet.Serialization.DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(Text(file));

    private static T Read<T>(string file) => KubernetesYaml.Deserialize<T>(Text(file), strict: true);

    private static IEnumerable<string> Literals() =>
        Plain("worker/kustomization.yaml")["configMapGenerator"] is List<object> { Count: 1 } maps
            && maps[0] is Dictionary<object, object> map && map["literals"] is List<object> literals
            ? literals.Cast<string>() : throw new InvalidDataException("There is not one config map");
}
