// SPDX-License-Identifier: Apache-2.0

// /items on net/http and aws-sdk-go-v2: what an engineer at home in Go would put in mod_items's place.
//
// Configured by the environment: PORT, TABLE_NAME and what the SDK reads itself (AWS_REGION,
// AWS_ENDPOINT_URL_DYNAMODB, keys), SSL_CERT_FILE.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
)

const (
	connections    = 256 // to DynamoDB, kept
	connectTimeout = 500 * time.Millisecond
	attemptTimeout = time.Second
	attempts       = 4
)

func client(ctx context.Context) (*dynamodb.Client, error) {
	transport := awshttp.NewBuildableClient().
		WithTimeout(attemptTimeout).
		WithDialerOptions(func(dialer *net.Dialer) { dialer.Timeout = connectTimeout }).
		WithTransportOptions(func(transport *http.Transport) {
			transport.MaxIdleConns = connections
			transport.MaxIdleConnsPerHost = connections
			transport.MaxConnsPerHost = connections
			transport.TLSHandshakeTimeout = connectTimeout
		})
	settings, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(transport),
		config.WithLogger(logging.Nop{}), // it speaks of each client that goes before its answer
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(options *retry.StandardOptions) { options.MaxAttempts = attempts })
		}))
	if err != nil {
		return nil, err
	}
	return dynamodb.NewFromConfig(settings), nil
}

func run(ctx context.Context) error {
	dynamo, err := client(ctx)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", os.Getenv("PORT")))
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           (&items{dynamo, os.Getenv("TABLE_NAME")}).routes(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       60 * time.Second,
	}
	go func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := server.Shutdown(last); err != nil {
			log.Print(err)
		}
	}()
	fmt.Println("listening on", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}
