// Botkit as its documentation sets it up, with the signature check on, and a bot that has nothing to say. The web
// server is the one that Botkit would make, but for loopback only.
const bodyParser = require('body-parser');
const express = require('express');
const { Botkit } = require('botkit');
const { FacebookAdapter } = require('botbuilder-adapter-facebook');

const adapter = new FacebookAdapter({
  verify_token: process.env.VERIFY_TOKEN,
  app_secret: process.env.APP_SECRET,
  access_token: process.env.PAGE_TOKEN,
  // Whatever it may call is on this machine.
  api_host: '127.0.0.1:1',
});
const webserver = express();
const verify = (request, _, body) => {
  request.rawBody = body.toString();
};
webserver.use(bodyParser.json({ verify }));
const controller = new Botkit({ webhook_uri: '/webhook', adapter, webserver });

controller.on('message', async () => {});
controller.ready(() => webserver.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready')));
