// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
)

const (
	requestTimeout = 3 * time.Second
	bodyLimit      = 1 << 20
	pageDefault    = 20
	pageMax        = 100
	nameMax        = 1024
	statusMax      = 256
	stamp          = "2006-01-02T15:04:05.000Z"
)

type item struct {
	ID          string `json:"id" dynamodbav:"id"`
	Name        string `json:"name" dynamodbav:"name"`
	Description string `json:"description" dynamodbav:"description"`
	Status      string `json:"status" dynamodbav:"status"`
	CreatedAt   string `json:"createdAt" dynamodbav:"createdAt"`
	UpdatedAt   string `json:"updatedAt" dynamodbav:"updatedAt"`
}

// The key of the table, which is also what a page token holds.
type key struct {
	ID string `json:"id" dynamodbav:"id"`
}

type one struct {
	Data item `json:"data"`
}

type page struct {
	Data      []item `json:"data"`
	Count     int    `json:"count"`
	NextToken string `json:"nextToken,omitempty"`
}

type problem struct {
	Error string `json:"error"`
}

// A client's fault: these words are for it.
type fault string

func (words fault) Error() string { return string(words) }

var errNotFound = errors.New("Item not found")

type items struct {
	dynamo *dynamodb.Client
	table  string
}

func (s *items) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", answer(s.read))
	mux.HandleFunc("GET /items", answer(s.list))
	mux.HandleFunc("POST /items", answer(s.create))
	return mux
}

// answer makes a handler of a function that returns a status and a body; what went wrong in there is
// logged, and clients get fixed words.
func answer(serve func(http.ResponseWriter, *http.Request) (int, any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
		defer cancel()
		status, said, err := serve(w, r.WithContext(ctx))
		if r.Context().Err() != nil {
			return // the client has gone
		}
		var words fault
		switch {
		case errors.As(err, &words):
			status, said = http.StatusBadRequest, problem{string(words)}
		case errors.Is(err, errNotFound):
			status, said = http.StatusNotFound, problem{err.Error()}
		case err != nil:
			log.Print(err)
			status, said = http.StatusServiceUnavailable, problem{"Service unavailable"}
		}
		body, err := json.Marshal(said)
		if err != nil {
			log.Print(err)
			status, body = http.StatusInternalServerError, []byte(`{"error":"Internal server error"}`)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		if _, err := w.Write(body); err != nil && r.Context().Err() == nil {
			log.Print(err)
		}
	}
}

func (s *items) read(_ http.ResponseWriter, r *http.Request) (int, any, error) {
	found, err := s.dynamo.GetItem(r.Context(), &dynamodb.GetItemInput{
		TableName: &s.table,
		Key:       map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: r.PathValue("id")}},
	})
	if err != nil {
		return 0, nil, err
	}
	if found.Item == nil {
		return 0, nil, errNotFound
	}
	var said one
	err = attributevalue.UnmarshalMap(found.Item, &said.Data)
	return http.StatusOK, said, err
}

func limitOf(text string) (int32, error) {
	if text == "" {
		return pageDefault, nil
	}
	limit, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fault("limit must be a number")
	}
	if limit == 0 {
		limit = pageDefault
	}
	return int32(min(limit, pageMax)), nil
}

func startOf(query url.Values) (map[string]types.AttributeValue, error) {
	token := query.Get("nextToken")
	if token == "" {
		token = query.Get("lastKey")
	}
	if token == "" {
		return nil, nil
	}
	var last key
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(text, &last)
	}
	if err != nil || last.ID == "" {
		return nil, fault("invalid page token")
	}
	return attributevalue.MarshalMap(last)
}

func tokenOf(attributes map[string]types.AttributeValue) (string, error) {
	if attributes == nil {
		return "", nil
	}
	var last key
	if err := attributevalue.UnmarshalMap(attributes, &last); err != nil {
		return "", err
	}
	text, err := json.Marshal(last)
	return base64.RawURLEncoding.EncodeToString(text), err
}

func (s *items) list(_ http.ResponseWriter, r *http.Request) (int, any, error) {
	query := r.URL.Query()
	limit, err := limitOf(query.Get("limit"))
	if err != nil {
		return 0, nil, err
	}
	start, err := startOf(query)
	if err != nil {
		return 0, nil, err
	}
	found, err := s.dynamo.Scan(r.Context(), &dynamodb.ScanInput{
		TableName: &s.table, Limit: aws.Int32(limit), ExclusiveStartKey: start,
	})
	if err != nil {
		return 0, nil, err
	}
	said := page{Data: make([]item, 0, len(found.Items)), Count: len(found.Items)}
	if err := attributevalue.UnmarshalListOfMaps(found.Items, &said.Data); err != nil {
		return 0, nil, err
	}
	said.NextToken, err = tokenOf(found.LastEvaluatedKey)
	return http.StatusOK, said, err
}

// What a client may set.
type draft struct {
	Name        *string `json:"name"`
	Description *string `json:"description"`
	Status      *string `json:"status"`
}

func (d *draft) check() (item, error) {
	now := time.Now().UTC().Format(stamp)
	made := item{ID: uuid.NewString(), Status: "active", CreatedAt: now, UpdatedAt: now}
	if d.Name == nil || strings.TrimSpace(*d.Name) == "" {
		return made, fault("Name is required")
	}
	made.Name = *d.Name
	if utf8.RuneCountInString(made.Name) > nameMax {
		return made, fault("name is too long")
	}
	if d.Description != nil {
		made.Description = *d.Description
	}
	if d.Status != nil && *d.Status != "" {
		made.Status = *d.Status
	}
	if utf8.RuneCountInString(made.Status) > statusMax {
		return made, fault("status is too long")
	}
	return made, nil
}

func (s *items) create(w http.ResponseWriter, r *http.Request) (int, any, error) {
	var wish draft
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err := decoder.Decode(&wish); err != nil {
		return 0, nil, fault("body is not as it should be")
	}
	made, err := wish.check()
	if err != nil {
		return 0, nil, err
	}
	attributes, err := attributevalue.MarshalMap(made)
	if err != nil {
		return 0, nil, err
	}
	_, err = s.dynamo.PutItem(r.Context(), &dynamodb.PutItemInput{
		TableName: &s.table, Item: attributes,
		ConditionExpression: aws.String("attribute_not_exists(id)"),
	})
	w.Header().Set("Location", "/items/"+made.ID)
	return http.StatusCreated, one{made}, err
}
