package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
)

type ports struct{ frontend, history, matching int }

// Free ports are looked for below the range (32768 and up on Linux) from which the kernel gives
// ports to outgoing connections, so that no connection takes one between the look and the server's
// own listen.
const (
	lowestPort  = 20000
	highestPort = 32000
	portTries   = 200
)

// choosePorts finds three free ports; frontend is kept as it is unless 0.
func choosePorts(host string, frontend int) (ports, error) {
	chosen := []int{}
	if frontend != 0 {
		if err := tryPort(host, frontend); err != nil {
			return ports{}, fmt.Errorf("engine: %w", err)
		}
		chosen = append(chosen, frontend)
	}
	for range portTries {
		if len(chosen) == 3 {
			return ports{frontend: chosen[0], history: chosen[1], matching: chosen[2]}, nil
		}
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		if !slices.Contains(chosen, port) && tryPort(host, port) == nil {
			chosen = append(chosen, port)
		}
	}
	return ports{}, errors.New("engine: no free ports on " + host)
}

func tryPort(host string, port int) error {
	l, err := net.Listen("tcp", address(host, port))
	if err != nil {
		return err
	}
	return l.Close()
}
