package engine

import (
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

const (
	clusterName = "active"
	storeName   = "sqlite"
	// shards divide the cases among goroutines that write. With one SQLite writer more of them
	// only wait for each other: 1 measured fastest. The number is fixed at the file's first start.
	shards = 1
)

// services leaves out the server's own worker: it serves schedules, batch operations and scanners
// for leftovers, none of which the product uses, and polls the file day and night. Closed cases are
// deleted after the retention by history itself.
var services = []string{
	string(primitives.FrontendService), string(primitives.HistoryService), string(primitives.MatchingService),
}

func serverOptions(o Options, p ports, file config.SQL, quiet *atomic.Bool) []temporal.ServerOption {
	return []temporal.ServerOption{
		temporal.WithConfig(serverConfig(o.Host, p, file)),
		temporal.ForServices(services),
		// Fixed hosts instead of the gossip protocol: no membership listener, no joining time.
		temporal.WithStaticHosts(map[primitives.ServiceName]static.Hosts{
			primitives.FrontendService: static.SingleLocalHost(address(o.Host, p.frontend)),
			primitives.HistoryService:  static.SingleLocalHost(address(o.Host, p.history)),
			primitives.MatchingService: static.SingleLocalHost(address(o.Host, p.matching)),
			// Must be named although it does not run.
			primitives.WorkerService: static.SingleLocalHost(address(o.Host, 0)),
		}),
		temporal.WithLogger(logger{to: o.Logger, least: *o.LogLevel, quiet: quiet}),
		temporal.WithCustomMetricsHandler(metrics.NoopMetricsHandler),
		temporal.WithDynamicConfigClient(dynamicConfig(o)),
	}
}

func serverConfig(host string, p ports, file config.SQL) *config.Config {
	frontend := address(host, p.frontend)
	c := &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     storeName,
			VisibilityStore:  storeName,
			NumHistoryShards: shards,
			DataStores:       map[string]config.DataStore{storeName: {SQL: &file}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: frontend},
		Services: map[string]config.Service{
			string(primitives.FrontendService): listener(host, p.frontend),
			string(primitives.HistoryService):  listener(host, p.history),
			string(primitives.MatchingService): listener(host, p.matching),
		},
	}
	c.Global.Membership = config.Membership{MaxJoinDuration: 10 * time.Second, BroadcastAddress: host}
	// Archival copies closed histories elsewhere; our record is that place.
	c.Archival.History.State = "disabled"
	c.Archival.Visibility.State = "disabled"
	c.NamespaceDefaults.Archival.History.State = "disabled"
	c.NamespaceDefaults.Archival.Visibility.State = "disabled"
	return c
}

// dynamicConfig holds what differs from the server's defaults. Updates and update-with-start need
// nothing: this version has them on. history.timerProcessorMaxTimeShift stays at its 1 s: with
// 50 ms timers measured later, not sooner (median 190 ms against 40 ms).
func dynamicConfig(o Options) dynamicconfig.Client {
	const unlimited = 1_000_000 // requests a second; the processor is the limit on one machine
	values := dynamicconfig.StaticClient{
		dynamicconfig.FrontendRPS.Key():                                  unlimited,
		dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key():           unlimited,
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): unlimited,
		dynamicconfig.FrontendPersistenceMaxQPS.Key():                    unlimited,
		dynamicconfig.HistoryRPS.Key():                                   unlimited,
		dynamicconfig.HistoryPersistenceMaxQPS.Key():                     unlimited,
		dynamicconfig.MatchingRPS.Key():                                  unlimited,
		dynamicconfig.MatchingPersistenceMaxQPS.Key():                    unlimited,
		// Partitions spread one task queue over matching hosts; here is one host.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		// Cases in memory: about 20 kB each, so at most some 160 MB.
		dynamicconfig.HistoryCacheHostLevelMaxSize.Key(): 8192,
	}
	if o.FreshAfter > 0 {
		values[dynamicconfig.HistoryCountSuggestContinueAsNew.Key()] = o.FreshAfter
	}
	return values
}

func listener(host string, port int) config.Service {
	return config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: host}}
}

func address(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
